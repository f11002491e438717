from django.http import HttpRequest, HttpResponse


def operating_systems(request: HttpRequest, pk: int = 0) -> HttpResponse:
    return HttpResponse(status=501)
