"""The words captions are made of, and common English words the tokenizer should know whole."""

from __future__ import annotations

KIND_WORDS = {
    "girl": ("girl", "girl", "girl", "woman", "1girl", "lady", "female"),
    "boy": ("boy", "boy", "boy", "man", "1boy", "guy", "male"),
}
SCENE_WORDS = {
    "sky": ("sky background", "blue sky with clouds", "under the sky", "sky"),
    "forest": ("forest background", "in the forest", "in a forest", "forest"),
    "sunset": ("sunset background", "at sunset", "sunset"),
    "beach": ("beach background", "at the beach", "on the beach", "beach"),
}
THING_WORDS = {
    "mug": ("mug", "mug", "cup"),
    "ball": ("ball",),
    "toy": ("toy", "toy", "thing", "object"),
    "house": ("house",),
}
OPENINGS = (
    *("a photo of", "a photo of", "a photo of", "the photo of", "a rendering of", "a cropped photo of"),
    *("a dark photo of", "a bright photo of", "a good photo of", "a close-up photo of", "a rendition of"),
    *("a nice photo of", "a painting of", "a painting of", "a drawing of", "an illustration of"),
    *("a portrait of", "portrait of", "an image of", "a depiction of", "a cool photo of", "a picture of"),
    *("the painting of", "a clean painting of", "a dirty painting of", "a nice painting of", "a close-up of"),
    *("a clear picture of", "a blurry picture of", "a sharp photo of", "a good picture of", "a picture with"),
    *("a small picture of", "a large picture of", "a clean picture of", "a grainy photo of", "a snapshot of"),
    *("a detailed drawing of", "a simple drawing of", "a front view of", "a side view of", "an old photo of"),
    *("an oil painting of", "a watercolour of", "an ink drawing of", "a pencil sketch of", "a poster of"),
    *("a landscape of", "a night scene of", "a street scene of", "a quiet interior of", "a still life of"),
    *("a colourful illustration of", "a dark illustration of", "a detailed picture of", "a small study of"),
    *("a full-length figure of", "a simple picture of", "a small painting of", "a cropped painting of"),
)
STARTING_WORDS = ("girl", "girl", "girl", "boy", "style", "style", "toy", "person", "*", "character")
ADJECTIVES = (
    "clean",
    "dirty",
    "cool",
    "nice",
    "good",
    "small",
    "large",
    "weird",
    "cute",
    "beautiful",
    "pretty",
)
STYLE_ENDINGS = (
    *(", {} style", ", {}", " in the style of {}", ", art by {}", ", in {} style", ", by {}", " as {}"),
    *(", in the style of {}", ", a painting in the style of {}", ", a painting, art by {}"),
)

_COMMON_TEXT = """
the of and a to in is you that it he was for on are as with his they i at be this have from or one had by
word but not what all were we when your can said there use an each which she do how their if will up other
about out many then them these so some her would make like him into time has look two more write go see
number no way could people my than first water been call who oil its now find long down day did get come
made may part cat dog toy car tree flower food animal bird horse bear cake book chair table lamp phone
camera computer city street mountain river sea ocean island sun moon star cloud rain snow fire light dark
bright color colour colored black white gray grey silver gold golden style art artist artwork painting
painted paint drawing drawn draw sketch illustration anime manga cartoon comic digital render rendering
rendered rendition photo photograph photography picture image portrait depiction view closeup close
cropped crop upper body face head hair eye eyes ear ears nose mouth smile smiling hand hands arm arms leg
legs skin girl boy man woman person child kid lady guy male female character princess prince king queen
witch knight high quality best masterpiece detailed highly very ultra realistic low worst bad ugly blurry
text watermark signature beautiful pretty cute cool nice good clean dirty small large big tiny weird old
new young modern ancient simple complex soft hard warm cold happy sad angry surprised standing sitting
looking viewer front side back left right background foreground wearing holding solo without full half red
blue green yellow purple orange pink brown teal pale tan fair dress skirt coat cape scarf gloves shoes
boots tie ribbon bow hat cap helmet mask necklace earrings glasses jewelry robot dragon monster alien
ghost angel demon fantasy magic space world nature garden field house home room window door thing object
concept embedding vector test example name trained model steps grainy sharp clear snapshot pencil ink
scene quiet interior study poster still landscape colourful watercolour
"""
COMMON = tuple(_COMMON_TEXT.split())
