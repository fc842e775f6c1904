from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from cnnbench.errors import ConfigError
from cnnbench.listing.conditions import moment
from cnnbench.listing.lines import lines_below
from cnnbench.listing.select import Where, ordered
from tests.builders.listed import make_repeats, make_run, make_sweep


@pytest.fixture(scope="module")
def outputs(tmp_path_factory):
    root = tmp_path_factory.mktemp("outputs")
    rate = "train__optimizer__learning_rate"
    make_run(root / "vgg/20260301-100000-a", accuracy=0.95, seed=3, **{rate: 1e-4})
    make_run(root / "vgg/20260301-110000-b", accuracy=0.80, smoke=True, started="2026-03-02T09:30:15+00:00")
    lenet = {"model__name": "lenet5", "augment": [], "train__batch_size": 32}
    make_run(root / "lenet/20260302-100000-c", accuracy=0.90, seconds=7200.0, data__validation=0.1, **lenet)
    stopped = {"train__optimizer": {"name": "SGD", "learning_rate": 0.1, "momentum": 0.9}, "model__name": "lenet5"}
    make_run(root / "lenet/20260303-100000-d", state="interrupted", started=None, seconds=None, **stopped)
    make_repeats(root / "mlp/20260304-100000-e", [0.5, 0.7])
    make_sweep(root / "rates", [0.6, 0.4])
    return root


@pytest.fixture(scope="module")
def lines(outputs):
    return sorted(lines_below(outputs), key=lambda line: names([line]))


def names(lines):
    return [line.described["path"].rpartition("/")[2].rpartition("-")[2] for line in lines]


def chosen(lines, text):
    where = Where(text, lines)
    return "".join(f"{name} " for name in names([line for line in lines if where.holds(line)])).strip()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("accuracy>0.9", "a"),
        ("accuracy>=0.9", "a c"),
        ("accuracy>=90%", "a c"),
        ("accuracy=0.9", "c"),
        ("accuracy!=0.9", "a b e rates"),
        ("not accuracy>=0.9", "b e rates"),
        ("not (accuracy>=0.9 and smoke)", "a b c d e rates"),
        ("accuracy=null", "d"),
        ("accuracy!=null", "a b c e rates"),
        ("not accuracy>=0.9 or accuracy=null", "b d e rates"),
        ("accuracy>0 and not accuracy>0", ""),
        ("accuracy>0 or not accuracy>0", "a b c e rates"),
        ("accuracy>2 and state=interrupted or state=interrupted", "d"),
        ("smoke", "b"),
        ("not smoke and accuracy>0.5", "a c e rates"),
        ("smoke=false and kind=run", "a c d"),
        ("name=vgg*", "a b"),
        ("name='vgg*'", ""),
        ("name='vgg'", "a b"),
        ("name!=vgg", "c d e rates"),
        ("path=*/lenet/*", "c d"),
        ("state=interrupted", "d"),
        ("architecture=vgg* and not smoke", "a e"),
        ("architecture=lenet[0-9]", "c d"),
        ("seed=3", "a"),
        ("seed=0", "b c d"),
        ("seed=null", "e rates"),
        ("data=digits", "a b c d e"),
        ("parameters<=650", "a b c e"),
        ("kind=sweep", "rates"),
        ("kind=repeats and runs=2", "e"),
        ("images>400", "a b c e"),
        ("epoch<epochs", None),
        ("epoch=8 and epochs=20", "a b c d e rates"),
        ("seconds>90s", "c"),
        ("seconds<2min", "a b e rates"),
        ("seconds=2h", "c"),
        ("seconds>=1h59min", "c"),
        ("seconds<61.5", "a b e rates"),
        ("metrics.times.training_seconds=1min30s", "a b c"),
        ("started=2026-03-01", "a c"),
        ("started=2026-03-02T09:30", "b"),
        ("started=2026-03-02T09:30:16", ""),
        ("started<=2026-03-02", "a b c e"),
        ("started<2026-03-02", "a c"),
        ("started>2026-03-01", "b e rates"),
        ("started>=2026-03-01T10:00", "a b c e rates"),
        ("started!=2026-03-01", "b e rates"),
        ("started=null", "d"),
        ("started>-36500d", "a b c e rates"),
        ("started=today or started=yesterday", ""),
        ("train.optimizer.learning_rate<1e-3", "a"),
        ("train.optimizer.learning_rate<=0.001", "a b c e"),
        ("config.train.batch_size=32", "c"),
        ("train.batch_size!=32", "a b d e"),
        ("train.optimizer.name=SGD", "d"),
        ("train.optimizer.momentum>0.5", "d"),
        ("train.optimizer.nesterov", ""),
        ("train.schedule.name=null and kind=run", "a b c d"),
        ("data.validation=0.1", "c"),
        ("model.layers=*Flatten*", "a b c d e"),
        ("macro.f1>0.84", "a c"),
        ("metrics.macro.f1<0.6", "e"),
        ("top_k.5=1", "a b c"),
        ("top_k.5=1 and (name=lenet or smoke)", "b c"),
    ],
)
def test_filters(lines, text, found):
    if found is None:
        with pytest.raises(ConfigError, match="character 7: epoch: it is a number; 'epochs' is none"):
            chosen(lines, text)
    else:
        assert chosen(lines, text) == found


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("acuracy>0.9", "character 1: unknown field acuracy; did you mean accuracy?"),
        ("smoke or (epoch>1 and lernrate=1)", "character 23: unknown field lernrate"),
        ("learning_rate<1", "character 1: unknown field learning_rate; did you mean train.optimizer.learning_rate?"),
        ("train.batchsize=1", "character 1: unknown field train.batchsize; did you mean train.batch_size?"),
        ("train.optimizer=Adam", "character 1: unknown field train.optimizer; did you mean train.optimizer.name?"),
        ("config.macro.f1=1", "character 1: unknown field config.macro.f1"),
        ("metrics.seed=1", "character 1: unknown field metrics.seed"),
        ("accuracy>high", "character 10: accuracy: it is a number; 'high' is none"),
        ("accuracy>'0.9'", "character 10: accuracy: it is a number; '0.9' is none"),
        ("accuracy>nan", "character 10: accuracy: it is a number; 'nan' is none"),
        ("accuracy>1e999", "character 10: accuracy: it is a number; '1e999' is none"),
        ("accuracy>0.9.1", "character 10: accuracy: it is a number; '0.9.1' is none"),
        ("accuracy", "character 1: accuracy: it is a number: expected a comparison, as in >0.9"),
        ("accuracy<null", "character 10: accuracy: null is compared with = and != only"),
        ("name", "character 1: name: it is a text: expected a comparison, as in =vgg*"),
        ("name>a", "character 6: name: it is text: > compares numbers and times; expected = or !="),
        ("state=faild", "character 7: state: 'faild' is none of done, running, stopped"),
        ("state=faild", "did you mean failed?"),
        ("kind=swep", "did you mean sweep?"),
        ("smoke=yes", "character 7: smoke: it is true or false; 'yes' is neither"),
        ("smoke>true", "character 7: smoke: it is true or false: > compares numbers and times; expected = or !="),
        ("seconds>5parsecs", "character 9: seconds: it is a time span; '5parsecs' is none, 90s, 5min or 1h30min is"),
        ("seconds>50%", "character 9: seconds: it is a time span; '50%' is none"),
        ("started>2026-13-01", "character 9: started: it is a time; '2026-13-01' is none, 2026-11-20"),
        ("started>soon", "character 9: started: it is a time; 'soon' is none"),
        ("started>5", "character 9: started: it is a time; '5' is none"),
        (
            "train.batch_size=big",
            "character 18: train.batch_size: the runs hold numbers there, such as 64; 'big' is none",
        ),
        (
            "train.batch_size='64'",
            "character 18: train.batch_size: the runs hold numbers there, such as 64; '64' is none",
        ),
        ("train.batch_size<big", "character 18: train.batch_size: < compares numbers; 'big' is none"),
        (
            "train.optimizer.name=5",
            "character 22: train.optimizer.name: the runs hold texts there, such as 'Adam'; '5' is",
        ),
        ("train.batch_size", "character 1: train.batch_size: the runs hold numbers there, such as 64; a flag is none"),
    ],
)
def test_what_cannot_be_asked_is_told_with_its_place(lines, text, told):
    with pytest.raises(ConfigError) as error:
        chosen(lines, text)
    assert str(error.value).startswith(f"--where {text!r}: character ")
    assert told in str(error.value)
    assert "\n" not in str(error.value)


def test_nothing_in_a_filter_is_run(lines, tmp_path):
    with pytest.raises(ConfigError, match="character 11: expected and, or, or the end, found '\\('"):
        chosen(lines, "__import__('os').system('touch x')")
    assert chosen(lines, f"name='{{0.__class__}}' or name=\"$(touch {tmp_path}/x)\"") == ""
    assert not any(tmp_path.iterdir())


def test_without_any_run_a_filter_is_checked_all_the_same():
    assert [line for line in [] if Where("macro.f1>0.5 and train.optimizer.beta_1=0.9", []).holds(line)] == []
    with pytest.raises(ConfigError, match=r"unknown field macro\.f2; did you mean macro\.f1\?"):
        Where("macro.f2>0.5", [])


def test_a_field_in_both_files_wants_its_prefix(tmp_path):
    run = make_run(tmp_path / "x/1", accuracy=0.5, train__steps={"images": 7})
    (run / "metrics.json").write_text('{"accuracy": 0.5, "train": {"steps": {"images": 9}}}')
    lines = lines_below(tmp_path)
    with pytest.raises(ConfigError, match=r"config\.train\.steps\.images or metrics\.train\.steps\.images"):
        Where("train.steps.images=7", lines)
    assert Where("config.train.steps.images=7 and metrics.train.steps.images=9", lines).holds(lines[0])


def test_files_that_cannot_be_read_have_no_fields(tmp_path):
    run = make_run(tmp_path / "x/1", accuracy=0.5)
    (run / "config.yaml").write_text("name: [")
    (run / "metrics.json").write_text("{")
    (line,) = lines_below(tmp_path)
    assert Where("state=unreadable and seed=null and macro.f1=null and train.epochs=null", [line]).holds(line)


def test_sorting_by_any_field_puts_what_lacks_it_last(lines):
    assert names(ordered(lines, "accuracy", reverse=True)) == ["a", "c", "b", "e", "rates", "d"]
    assert names(ordered(lines, "accuracy", reverse=False)) == ["e", "rates", "b", "c", "a", "d"]
    assert names(ordered(lines, "train.optimizer.learning_rate", reverse=False))[:1] == ["a"]
    assert names(ordered(lines, "train.optimizer.learning_rate", reverse=True))[0] == "d"
    assert names(ordered(lines, "name", reverse=False))[:2] == ["c", "d"]
    with pytest.raises(ConfigError, match=r"^--sort acuracy: unknown field acuracy; did you mean accuracy\?$"):
        ordered(lines, "acuracy", reverse=False)


def test_times_are_those_of_the_listing():
    now = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
    day = timedelta(days=1)
    midnight = datetime(2026, 11, 20, tzinfo=UTC)
    assert moment("today", now) == (midnight, midnight + day)
    assert moment("yesterday", now) == (midnight - day, midnight)
    assert moment("2026-11-20", now) == (midnight, midnight + day)
    assert moment("2026-11-20T14:30", now) == (now, now + timedelta(minutes=1))
    assert moment("-1h30min", now)[0] == now - timedelta(minutes=90)
