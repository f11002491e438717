"""What people upload stays in memory: it holds product keys, and a temporary file would outlive the request."""

from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import MemoryFileUploadHandler


class MemoryOnlyHandler(MemoryFileUploadHandler):
    """Keeps a file in memory; a request that says it is larger than the limit is refused before it is read.

    Whoever is not signed in has no file to bring: their requests stay as small as forms are.
    """

    def handle_raw_input(self, input_data: Any, META: Any, content_length: int, *args: Any, **options: Any) -> None:  # noqa: N803  # Django's name
        person = getattr(self.request, "user", None)
        limit = (
            settings.FILE_UPLOAD_MAX_MEMORY_SIZE
            if person and person.is_authenticated
            else settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        )
        if content_length > limit:
            raise RequestDataTooBig("The request is larger than an import may be")
        super().handle_raw_input(input_data, META, content_length, *args, **options)
