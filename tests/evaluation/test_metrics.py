from __future__ import annotations

import json

import numpy as np
import pytest
from scipy.stats import binomtest
from sklearn import metrics as reference

from cnnbench.errors import TrainingError
from cnnbench.evaluation import metrics
from cnnbench.evaluation.compute import compute
from cnnbench.evaluation.measures import Scored, calibration_error

EXACT = {"rel": 0, "abs": 1e-12}


def random_case(seed: int, n: int, k: int, *, seen: int | None = None, steps: int | None = None):
    """Labels and probabilities; `seen` leaves the classes above it without images, `steps` makes ties."""
    rng = np.random.default_rng(seed)
    scores = rng.exponential(size=(n, k)) if steps is None else rng.integers(1, steps, size=(n, k)).astype(float)
    return rng.integers(0, seen or k, size=n), scores / scores.sum(axis=1, keepdims=True)


def one_class(n: int = 20, k: int = 4):
    """Every image is of class 2 and every prediction is right."""
    return np.full(n, 2), np.tile(np.eye(k)[2], (n, 1))


CASES = {
    "binary": random_case(0, 200, 2),
    "ten": random_case(1, 1000, 10),
    "hundred": random_case(2, 3000, 100),
    "more classes than images": random_case(3, 7, 20),
    "classes without images": random_case(4, 60, 10, seen=3),
    "ties": random_case(5, 500, 6, steps=3),
    "all equal": (np.arange(12) % 4, np.full((12, 4), 0.25)),
    "one class, all right": one_class(),
    "one class, all wrong": (np.full(9, 1), np.tile(np.eye(3)[0], (9, 1))),
    "a single image, right": (np.array([1]), np.array([[0.2, 0.8]])),
    "a single image, wrong": (np.array([0]), np.array([[0.2, 0.5, 0.3]])),
    "certain and wrong": (np.array([0, 1, 2]), np.eye(3)[[1, 2, 2]]),
}


@pytest.fixture(params=CASES.values(), ids=CASES.keys())
def case(request):
    return request.param


def computed(labels, probabilities, top_k=(2, 3, 5), bins=15):
    names = [f"class {i}" for i in range(probabilities.shape[1])]
    return compute(labels, probabilities, names, top_k, bins)


def test_accuracy_and_averages_are_those_of_scikit_learn(case):
    labels, probabilities = case
    predicted, classes = probabilities.argmax(axis=1), range(probabilities.shape[1])
    found = computed(labels, probabilities)
    assert found["accuracy"] == pytest.approx(reference.accuracy_score(labels, predicted), **EXACT)
    for average in ("macro", "micro", "weighted"):
        expected = reference.precision_recall_fscore_support(
            labels, predicted, labels=classes, average=average, zero_division=0
        )
        assert [found[average][name] for name in ("precision", "recall", "f1")] == pytest.approx(expected[:3], **EXACT)


def test_scores_per_class_are_those_of_scikit_learn(case):
    labels, probabilities = case
    expected = reference.precision_recall_fscore_support(
        labels, probabilities.argmax(axis=1), labels=range(probabilities.shape[1]), zero_division=0
    )
    lines = computed(labels, probabilities)["per_class"]
    for column, values in zip(("precision", "recall", "f1", "support"), expected, strict=True):
        assert [line[column] for line in lines] == pytest.approx(values.tolist(), **EXACT)


def test_confusion_matrix_is_that_of_scikit_learn(case):
    labels, probabilities = case
    predicted, classes = probabilities.argmax(axis=1), probabilities.shape[1]
    expected = reference.confusion_matrix(labels, predicted, labels=range(classes))
    assert np.array_equal(metrics.confusion_matrix(labels, predicted, classes), expected)


def test_top_k_is_that_of_scikit_learn(case):
    labels, probabilities = case
    classes = probabilities.shape[1]
    found = computed(labels, probabilities)["top_k"]
    assert list(found) == [str(k) for k in (2, 3, 5) if k < classes]
    for k, value in found.items():
        expected = reference.top_k_accuracy_score(labels, probabilities, k=int(k), labels=range(classes))
        assert value == pytest.approx(expected, **EXACT)


def test_log_loss_is_that_of_scikit_learn(case):
    labels, probabilities = case
    expected = reference.log_loss(labels, y_proba=probabilities, labels=range(probabilities.shape[1]))
    assert computed(labels, probabilities)["log_loss"] == pytest.approx(expected, rel=1e-12, abs=1e-12)


@pytest.mark.filterwarnings("ignore:The y_prob values do not sum to one")
def _reference(labels, probabilities):
    predicted, classes = probabilities.argmax(axis=1), range(probabilities.shape[1])
    truth = np.eye(len(classes))[labels]
    by_class = [reference.roc_auc_score(labels == c, probabilities[:, c]) for c in classes]
    given = probabilities[:, 1] if len(classes) == 2 else probabilities
    brier = reference.brier_score_loss(labels, given, labels=list(classes), pos_label=1 if len(classes) == 2 else None)
    return {
        "balanced_accuracy": reference.balanced_accuracy_score(labels, predicted),
        "matthews_correlation": reference.matthews_corrcoef(labels, predicted),
        "cohen_kappa": reference.cohen_kappa_score(labels, predicted, labels=list(classes)),
        "roc_auc": np.mean(by_class),
        "average_precision": reference.average_precision_score(truth, probabilities, average="macro"),
        "brier_score": brier,
    }


@pytest.mark.filterwarnings("ignore")  # scikit-learn warns of what is undefined
def test_one_number_measures_are_those_of_scikit_learn(case):
    labels, probabilities = case
    found = computed(labels, probabilities)
    for key, expected in _reference(labels, probabilities).items():
        if np.isnan(expected):
            assert found[key] is None
        else:
            assert found[key] == pytest.approx(expected, **EXACT), key


def test_single_precision_probabilities_are_measured_in_double_precision():
    labels, probabilities = random_case(6, 50, 3)
    single = probabilities.astype(np.float32)
    expected = reference.log_loss(labels, y_proba=single.astype(np.float64), labels=range(3))
    assert computed(labels, single)["log_loss"] == pytest.approx(expected, **EXACT)


@pytest.mark.parametrize(("correct", "images"), [(0, 1), (1, 1), (0, 50), (50, 50), (7, 10), (9896, 10000), (1, 360)])
def test_accuracy_interval_is_wilsons(correct, images):
    expected = binomtest(correct, images).proportion_ci(0.95, method="wilson")
    low, high = metrics.wilson_interval(correct, images)
    assert (low, high) == pytest.approx((expected.low, expected.high), **EXACT)
    assert 0 <= low <= correct / images <= high <= 1


def test_calibration_error_by_hand():
    # Bins (0, 0.5] and (0.5, 1]: confidences 0.5 (right), 0.9 (right), 0.7 (wrong).
    probabilities = np.array([[0.5, 0.3, 0.2], [0.9, 0.1, 0.0], [0.7, 0.2, 0.1]])
    labels = np.array([0, 0, 1])
    expected = (1 * abs(1.0 - 0.5) + 2 * abs(0.5 - 0.8)) / 3
    assert calibration_error(Scored(labels, probabilities, 2)) == pytest.approx(expected, **EXACT)


def test_calibration_bins_are_closed_on_the_right():
    confidences = [0.5, 0.6, 0.6000001, 1.0]
    probabilities = np.array([[c, 1 - c] for c in confidences])
    found = metrics.reliability(np.zeros(4, dtype=int), probabilities, 10)
    assert found.images.tolist() == [0, 0, 0, 0, 1, 1, 1, 0, 0, 1]


def test_reliability_counts_every_image_once(case):
    labels, probabilities = case
    found = metrics.reliability(labels, probabilities, 15)
    assert found.images.sum() == len(labels)
    used = found.images > 0
    confidence = probabilities.max(axis=1).mean()
    assert (found.confidence @ found.images) / len(labels) == pytest.approx(confidence, **EXACT)
    assert (found.confidence[used] > found.edges[:-1][used] - 1e-12).all()
    assert (found.confidence[used] < found.edges[1:][used] + 1e-12).all()


def test_a_probability_a_hair_above_one_is_in_the_last_bin():
    found = metrics.reliability(np.array([0]), np.array([[1.0000001, 0.0]]), 5)
    assert found.images.tolist() == [0, 0, 0, 0, 1]


def test_worst_class_has_the_lowest_f1_among_classes_with_images():
    labels = np.array([0, 0, 1, 1, 2, 2])
    probabilities = np.eye(4)[[0, 0, 1, 0, 0, 1]]
    worst = computed(labels, probabilities)["worst_class"]
    assert worst == {"class": "class 2", "precision": 0.0, "recall": 0.0, "f1": 0.0, "support": 2}


def test_confident_mistakes_come_most_confident_first():
    labels = np.array([0, 1, 0, 1, 1])
    probabilities = np.array([[0.4, 0.6], [0.9, 0.1], [0.8, 0.2], [0.7, 0.3], [0.9, 0.1]])
    assert metrics.confident_mistakes(labels, probabilities, 3).tolist() == [1, 4, 3]
    assert metrics.confident_mistakes(labels, probabilities, 99).tolist() == [1, 4, 3, 0]
    assert metrics.confident_mistakes(labels[2:3], probabilities[2:3], 3).tolist() == []


def test_random_sample_follows_the_seed():
    first = metrics.random_sample(1000, 16, seed=3)
    assert first.tolist() == metrics.random_sample(1000, 16, seed=3).tolist()
    assert first.tolist() != metrics.random_sample(1000, 16, seed=4).tolist()
    assert len(set(first.tolist())) == 16
    assert metrics.random_sample(3, 16, seed=0).tolist() == [0, 1, 2]


def test_result_is_plain_json(case):
    found = computed(*case)
    assert json.loads(json.dumps(found, allow_nan=False)) == found


@pytest.mark.parametrize(
    ("labels", "probabilities"),
    [
        ([], np.zeros((0, 2))),
        ([0, 1], np.zeros((3, 2))),
        ([0], np.zeros((1, 3))),
        ([2], [[0.5, 0.5]]),
        ([-1], [[1, 0]]),
    ],
)
def test_arrays_that_do_not_belong_together_are_refused(labels, probabilities):
    with pytest.raises(ValueError, match="labels"):
        compute(labels, probabilities, ["a", "b"], [], 15)


def test_output_that_is_not_finite_is_refused():
    with pytest.raises(TrainingError, match="not finite for 1 images, first for image 1"):
        compute([0, 1], [[0.5, 0.5], [np.nan, 0.5]], ["a", "b"], [], 15)
