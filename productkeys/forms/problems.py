"""Problems of the rules as errors of a form, beside their fields."""

from collections.abc import Iterable

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError

from productkeys.domain.rulebook import Problem


def add_problems(form: forms.BaseForm, problems: Iterable[Problem]) -> None:
    """Show each problem at its field, or above the form where it has no such field.

    A field that could not even be read keeps its own error alone: the rules judged it as missing.
    """
    unread = set(form.errors)
    for problem in problems:
        field = problem.field if problem.field in form.fields else NON_FIELD_ERRORS
        if field not in unread:
            form.add_error(None if field == NON_FIELD_ERRORS else field, ValidationError(problem.text, problem.code))
