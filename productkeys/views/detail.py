from django.http import HttpRequest, HttpResponse


def detail(request: HttpRequest, pk: int = 0) -> HttpResponse:
    return HttpResponse(status=501)
