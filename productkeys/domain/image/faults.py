"""What can be wrong with an image: the texts for it, and the exception that carries them."""

from django.utils.translation import gettext_lazy as _

from productkeys.domain.rule import Problem, Rule

_WIMLIB = "wimlib: format of Windows Imaging files"


class ImageUnreadable(ValueError):
    """A file or a text tells nothing of Windows images; `problem` says why and what to do."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


NO_WIM = Rule(
    "image_no_wim",
    "image",
    _("This file is no Windows image (WIM or ESD)."),
    _("Choose the install.wim or install.esd in the folder “sources” of the media."),
    _WIMLIB,
)
CUT_OFF = Rule(
    "image_cut_off",
    "image",
    _("This image is cut off: its header points past the end of the file."),
    _("Copy or download it again, and compare its size with the original."),
    _WIMLIB,
)
UNFINISHED = Rule(
    "image_unfinished",
    "image",
    _("This image was never finished: its header names no images."),
    _("Capture or export it again."),
    _WIMLIB,
)
DAMAGED = Rule(
    "image_damaged",
    "image",
    _("The header of this image is damaged."),
    _("Copy or download it again; if that does not help, capture it again."),
    _WIMLIB,
)
SPLIT = Rule(
    "image_split",
    "image",
    _("This is part %(part)s of %(parts)s of a split image."),
    _("Join the parts (DISM /Export-Image, wimjoin), or paste what DISM or wiminfo prints about the first one."),
    _WIMLIB,
)
ENCRYPTED = Rule(
    "image_encrypted",
    "image",
    _("This image is encrypted, as those are that Windows Update downloads."),
    _("Take the image from the media, or convert it first."),
    _WIMLIB,
)
XML_BROKEN = Rule(
    "image_xml_broken",
    "image",
    _("The part of this image that describes it cannot be read."),
    _("Paste what DISM /Get-ImageInfo or wiminfo prints about it."),
    _WIMLIB,
)
NO_IMAGE = Rule(
    "image_none",
    "image",
    _("There is no image in this file."),
    _("Choose the install.wim or install.esd in the folder “sources” of the media."),
    _WIMLIB,
)
NOTHING_LISTED = Rule(
    "image_nothing_listed",
    "image",
    _("This text describes no image."),
    _("Paste what DISM /Get-ImageInfo, Get-WindowsImage or wiminfo prints, best with an index."),
    "Microsoft Learn: DISM image management command-line options",
)
