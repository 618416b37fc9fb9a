"""Forms: form-js JSON shown on the server, filled in by people, checked and turned into process values.

Pure: no SQL, no HTTP, no clock. Expressions are evaluated by the `evaluate` the caller hands in.
"""

from engine.forms.components import Form
from engine.forms.expressions import Evaluate, FormExpressionError
from engine.forms.fields import fields_of
from engine.forms.lint import lint
from engine.forms.nodes import FormView
from engine.forms.raw import kept
from engine.forms.rows import edited
from engine.forms.schema import InvalidForm, load
from engine.forms.submission import FieldError, FormErrors, Submission, Translate, submit
from engine.forms.values import StoredFile
from engine.forms.view import view
from engine.forms.words import Word, words

__all__ = [
    "Evaluate",
    "FieldError",
    "Form",
    "FormErrors",
    "FormExpressionError",
    "FormView",
    "InvalidForm",
    "StoredFile",
    "Submission",
    "Translate",
    "Word",
    "edited",
    "fields_of",
    "kept",
    "lint",
    "load",
    "submit",
    "view",
    "words",
]
