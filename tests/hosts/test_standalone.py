from pathlib import Path

from traintab.hosts.host import Host
from traintab.hosts.standalone import StandaloneHost
from traintab.paths import Paths


def test_the_standalone_host_has_nothing_to_lend_or_to_tell(tmp_path: Path) -> None:
    host: Host = StandaloneHost(Paths.under(tmp_path))
    with host.borrow_gpu():
        assert host.checkpoints() == [] and host.current_checkpoint() == ""
        assert not host.interrupted() and not host.settings
    host.embeddings_changed()
    assert host.name == "standalone" and host.paths.data_dir == tmp_path.resolve()
