from django.http import HttpRequest, HttpResponse


def archive(request: HttpRequest, pk: int = 0) -> HttpResponse:
    return HttpResponse(status=501)


def restore(request: HttpRequest, pk: int = 0) -> HttpResponse:
    return HttpResponse(status=501)


def mark_compromised(request: HttpRequest, pk: int = 0) -> HttpResponse:
    return HttpResponse(status=501)


def delete(request: HttpRequest, pk: int = 0) -> HttpResponse:
    return HttpResponse(status=501)
