"""Real WIM and ESD files for tests, made by wimlib."""

import subprocess
from collections.abc import Mapping
from pathlib import Path

PRO = {
    "WINDOWS/ARCH": "9",
    "WINDOWS/PRODUCTNAME": "Microsoft® Windows® Operating System",
    "WINDOWS/EDITIONID": "Professional",
    "WINDOWS/INSTALLATIONTYPE": "Client",
    "WINDOWS/LANGUAGES/LANGUAGE[1]": "de-DE",
    "WINDOWS/LANGUAGES/LANGUAGE[2]": "en-US",
    "WINDOWS/LANGUAGES/DEFAULT": "de-DE",
    "WINDOWS/VERSION/MAJOR": "10",
    "WINDOWS/VERSION/MINOR": "0",
    "WINDOWS/VERSION/BUILD": "26100",
    "WINDOWS/VERSION/SPBUILD": "1742",
}
CORE_SERVER = PRO | {
    "WINDOWS/EDITIONID": "ServerStandardEval",
    "WINDOWS/INSTALLATIONTYPE": "Server Core",
    "WINDOWS/LANGUAGES/LANGUAGE[2]": "",
    "WINDOWS/VERSION/BUILD": "20348",
}


def made_wim(path: Path, images: Mapping[str, Mapping[str, str]], *options: str) -> Path:
    """Make a WIM (an ESD by its name) with one image of each name, and with these properties."""
    content = path.parent / "content"
    content.mkdir(exist_ok=True)
    (content / "setup.txt").write_text("A file in the image. " * 50)
    for number, (name, properties) in enumerate(images.items(), start=1):
        run("wimcapture" if number == 1 else "wimappend", content, path, name, *(options if number == 1 else ()))
        if properties:
            said = [f"--image-property={key}={value}" for key, value in properties.items()]
            run("wiminfo", path, str(number), *said)
    return path


def run(*command: str | Path) -> str:
    """What a tool of wimlib prints."""
    finished = subprocess.run(list(command), capture_output=True, text=True, check=True)
    return finished.stdout
