"""Questions to many files: answers in order, few waiting at once, the first failure told."""

import threading

import pytest

from cnnbench.data.asked import AT_ONCE, answers


def test_answers_come_with_what_was_asked_in_order():
    count = 3 * AT_ONCE + 1
    assert list(answers(lambda n: n * n, range(count))) == [(n, n * n) for n in range(count)]
    assert list(answers(len, [])) == []


def test_no_more_is_taken_than_is_asked_at_once():
    taken = []
    asked = answers(str, (taken.append(n) or n for n in range(10 * AT_ONCE)))
    assert next(asked) == (0, "0") and len(taken) == AT_ONCE


def test_a_failure_is_that_of_the_caller_and_leaves_no_thread():
    before = threading.active_count()
    with pytest.raises(ZeroDivisionError):
        list(answers(lambda n: 1 // (n - 3), range(10)))
    assert threading.active_count() == before
