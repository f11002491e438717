"""Windows images: what a WIM or ESD says of the images in it, and what DISM, PowerShell and wiminfo print about them.

Nothing but the header (208 bytes) and the XML part (some kilobytes) of a file is ever read.
"""

from productkeys.domain.image.faults import ImageUnreadable
from productkeys.domain.image.listing import listed
from productkeys.domain.image.read import Image
from productkeys.domain.image.wim import HEADER_BYTES, MAX_XML_BYTES, Place, header, images, read

__all__ = ["HEADER_BYTES", "MAX_XML_BYTES", "Image", "ImageUnreadable", "Place", "header", "images", "listed", "read"]
