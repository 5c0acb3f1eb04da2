"""JPG and PNG: how many pixels the header promises is judged before any is decoded."""

from __future__ import annotations

import io
import warnings

from PIL import Image, ImageOps, UnidentifiedImageError

from services.ats.files.kinds import ContentRefused, DocumentKind, Fault

JPG_MAGIC, PNG_MAGIC = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"
MOST_PIXELS = 50_000_000
KINDS = {"JPEG": DocumentKind.JPG, "PNG": DocumentKind.PNG}
QUALITY = 92


def is_picture(content: bytes) -> bool:
    return content.startswith((JPG_MAGIC, PNG_MAGIC))


def examine_picture(content: bytes) -> DocumentKind:
    """Raises ContentRefused."""
    with _opened(content) as picture:
        kind = KINDS[picture.format or ""]
        try:
            picture.load()
        except (OSError, SyntaxError, ValueError, MemoryError, Image.DecompressionBombError):
            raise ContentRefused(Fault.NOT_READABLE) from None
    return kind


def without_picture_metadata(content: bytes) -> bytes:
    """The same pixels, upright, with none of EXIF (place, camera, time), XMP, comments or previews."""
    with _opened(content) as picture:
        kind = KINDS[picture.format or ""]
        try:
            shown = ImageOps.exif_transpose(picture)
            shown = shown if shown.mode in {"L", "RGB", "RGBA"} else shown.convert("RGBA")
            # Made of the pixels alone: what a format carries beside them stays behind.
            bare = Image.frombytes(shown.mode, shown.size, shown.tobytes())
        except (OSError, SyntaxError, ValueError, MemoryError, Image.DecompressionBombError):
            raise ContentRefused(Fault.NOT_READABLE) from None
    made = io.BytesIO()
    if kind is DocumentKind.PNG:
        bare.save(made, "PNG")
    else:
        bare.convert("RGB").save(made, "JPEG", quality=QUALITY)
    return made.getvalue()


def _opened(content: bytes) -> Image.Image:
    """The header alone. Raises ContentRefused."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(content), formats=tuple(KINDS))
    except Image.DecompressionBombError:
        raise ContentRefused(Fault.TOO_MANY_PIXELS) from None
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError):
        raise ContentRefused(Fault.NOT_READABLE) from None
    if picture.width * picture.height > MOST_PIXELS:
        picture.close()
        raise ContentRefused(Fault.TOO_MANY_PIXELS)
    return picture
