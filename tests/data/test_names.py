"""Names kept as one text: everything a list of them gives, for a fraction of its memory."""

import pickle
import sys

import pytest

from cnnbench.data.names import Names

WRITTEN = ["cat/a.png", "", "dog/ünï.jpg", "dog/\udcff\udc80.png", "dog/狗.png"]


def test_names_are_those_of_the_list():
    names = Names.of(iter(WRITTEN))
    assert list(names) == WRITTEN and len(names) == 5
    assert [names[at] for at in range(5)] == WRITTEN
    assert [names[at] for at in range(-5, 0)] == WRITTEN
    assert names[1:4] == WRITTEN[1:4] and names[::-2] == WRITTEN[::-2] and names[5:] == []
    assert "dog/狗.png" in names and "狗" not in names and names.index("") == 1


@pytest.mark.parametrize("at", [5, -6])
def test_there_is_none_beyond_the_last(at):
    with pytest.raises(IndexError):
        Names.of(WRITTEN)[at]


def test_none_at_all():
    assert not Names.of([]) and list(Names.of([])) == []
    with pytest.raises(IndexError):
        Names.of([])[0]


def test_equal_to_sequences_of_the_same_names_only():
    names = Names.of(WRITTEN)
    assert names == WRITTEN and names == tuple(WRITTEN) and names == Names.of(WRITTEN)
    assert names != WRITTEN[:4] and names != [*WRITTEN[:4], "other"] and names != "".join(WRITTEN)


def test_another_process_gets_them_whole():
    assert pickle.loads(pickle.dumps(Names.of(WRITTEN))) == WRITTEN


def test_a_name_takes_its_bytes_and_eight_more():
    many = [f"class{number % 10}/{number:07}.png" for number in range(10_000)]
    names = Names.of(many)
    assert sum(sys.getsizeof(part) for part in vars(names).values()) < 10_000 * (len(many[0]) + 8) + 500
