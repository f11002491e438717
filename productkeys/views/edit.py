from django.http import HttpRequest, HttpResponse


def edit(request: HttpRequest, pk: int = 0) -> HttpResponse:
    return HttpResponse(status=501)
