from django.http import HttpRequest, HttpResponse
from django.views import View


class AddKeyWizard(View):
    pass


def recognise(request: HttpRequest) -> HttpResponse:
    return HttpResponse(status=501)


def duplicate(request: HttpRequest, pk: int) -> HttpResponse:
    return HttpResponse(status=501)
