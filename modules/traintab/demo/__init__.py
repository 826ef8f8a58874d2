"""The demo model, its pictures, and the program that made them."""
