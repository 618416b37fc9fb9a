"""Differences: what two sets of a procedure's files mean differently, as typed changes that are told in sentences.

Pure: files come in, changes come out; no SQL, no HTTP. The one source of every list of changes: the studio's page, the
administrator's approval, the proof that an editor saves what it has opened.
"""

from engine.differences.between import between
from engine.differences.changes import Change, Name, Phrase, Term
from engine.differences.words import SENTENCES, TERMS, sentence

__all__ = ["SENTENCES", "TERMS", "Change", "Name", "Phrase", "Term", "between", "sentence"]
