from django.http import HttpRequest, HttpResponse


def key_list(request: HttpRequest, pk: int = 0) -> HttpResponse:
    return HttpResponse(status=501)


def search(request: HttpRequest, pk: int = 0) -> HttpResponse:
    return HttpResponse(status=501)


def columns(request: HttpRequest, pk: int = 0) -> HttpResponse:
    return HttpResponse(status=501)
