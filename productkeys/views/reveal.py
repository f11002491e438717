from django.http import HttpRequest, HttpResponse


def reveal(request: HttpRequest, pk: int = 0) -> HttpResponse:
    return HttpResponse(status=501)
