"""Writes golden/scikit-learn-scipy.json: the same data and figures as this package must give, from scikit-learn and SciPy.

Probabilities are whole 1024ths, so that float32 holds them exactly and ties and zeros occur.
Usage: python packages/ensemble/scripts/make_golden.py (numpy, scipy, scikit-learn 1.8 or later)
"""

import json
import pathlib
import warnings

import numpy as np
import scipy
import sklearn
from scipy import special, stats
from scipy.spatial.distance import pdist
from sklearn.calibration import calibration_curve
from sklearn.ensemble import VotingClassifier
from sklearn.metrics import (
    accuracy_score, brier_score_loss, cohen_kappa_score, confusion_matrix, log_loss, precision_recall_fscore_support,
)
from sklearn.preprocessing import LabelEncoder

COUNT, CLASSES, MEMBERS, SCALE = 137, 10, 6, 1024
random = np.random.default_rng(20191)


class Stored:
    """A fitted classifier that answers from a table."""

    def __init__(self, table):
        self.table = table

    def predict_proba(self, rows):
        return self.table[rows[:, 0]]

    def predict(self, rows):
        return self.predict_proba(rows).argmax(axis=1)


def committee(tables, voting, weights=None):
    voter = VotingClassifier([(str(i), None) for i in range(len(tables))], voting=voting, weights=weights)
    voter.estimators_ = [Stored(table) for table in tables]
    voter.le_ = LabelEncoder().fit(np.arange(CLASSES))
    voter.classes_ = np.arange(CLASSES)
    return voter


# Class 9 never occurs and class 8 is never predicted, so that the ratios without a denominator are met.
labels = random.integers(0, 9, COUNT)
tables = []
for _ in range(MEMBERS):
    strength = random.gamma(0.25, 1.0, (COUNT, CLASSES))
    strength[np.arange(COUNT), labels] += random.exponential(0.6, COUNT)
    strength[:, 8] = 0
    strength /= strength.sum(axis=1, keepdims=True)
    tables.append(np.array([random.multinomial(SCALE, row) for row in strength]))
exact = [(table / SCALE).astype(np.float32) for table in tables]
rows = np.arange(COUNT)[:, None]
weights = [1, 0.5, 2, 0, 3.25, 1]
soft = np.mean([table.astype(np.float64) for table in exact], axis=0)
first = exact[0]
predicted = first.argmax(axis=1)
precision, recall, f1, support = precision_recall_fscore_support(
    labels, predicted, labels=np.arange(CLASSES), zero_division=0)


def reliability(bins):
    confidence = first.max(axis=1).astype(np.float64)
    right = (predicted == labels).astype(int)
    truth, mean = calibration_curve(right, confidence, n_bins=bins, strategy="uniform")
    counts = np.bincount(np.searchsorted(np.linspace(0, 1, bins + 1)[1:-1], confidence), minlength=bins)
    filled = counts[counts > 0]
    gaps = np.abs(truth - mean)
    return dict(bins=bins, counts=counts.tolist(), accuracy=truth.tolist(), confidence=mean.tolist(),
                expected=float((gaps * filled).sum() / COUNT), maximum=float(gaps.max()))


def mcnemar(a, b):
    right = [exact[i].argmax(axis=1) == labels for i in (a, b)]
    only_first = int((right[0] & ~right[1]).sum())
    only_second = int((~right[0] & right[1]).sum())
    n = only_first + only_second
    chi = max(0, abs(only_first - only_second) - 1) ** 2 / n if n else 0.0
    return dict(first=a, second=b, onlyFirst=only_first, onlySecond=only_second,
                exact=float(stats.binomtest(only_first, n, 0.5).pvalue) if n else 1.0,
                chiSquare=chi, chiSquareP=float(stats.chi2.sf(chi, 1)))


def interval(correct, count, confidence):
    test = stats.binomtest(correct, count)
    wilson = test.proportion_ci(confidence, method="wilson")
    exact_ci = test.proportion_ci(confidence, method="exact")
    return dict(correct=correct, count=count, confidence=confidence,
                wilson=[wilson.low, wilson.high], clopperPearson=[exact_ci.low, exact_ci.high])


choices = np.array([table.argmax(axis=1) for table in exact])
correctness = choices == labels
pairs = [(a, b) for a in range(MEMBERS) for b in range(a + 1, MEMBERS)]
warnings.simplefilter("error")
golden = dict(
    source=dict(numpy=np.__version__, scipy=scipy.__version__, sklearn=sklearn.__version__),
    scale=SCALE,
    labels=labels.tolist(),
    members=[table.reshape(-1).tolist() for table in tables],
    weights=weights,
    softClasses=committee(exact, "soft").predict(rows).tolist(),
    weightedClasses=committee(exact, "soft", weights).predict(rows).tolist(),
    weightedMean=np.average([t.astype(np.float64) for t in exact], axis=0, weights=weights)[:5].tolist(),
    softMean=soft[:5].tolist(),
    hardClasses=committee(exact, "hard").predict(rows).tolist(),
    weightedHardClasses=committee(exact, "hard", weights).predict(rows).tolist(),
    accuracies=[float(accuracy_score(labels, table.argmax(axis=1))) for table in exact],
    confusion=confusion_matrix(labels, predicted, labels=np.arange(CLASSES)).tolist(),
    perClass=dict(precision=precision.tolist(), recall=recall.tolist(), f1=f1.tolist(), support=support.tolist()),
    logLoss=float(log_loss(labels, first.astype(np.float32), labels=np.arange(CLASSES))),
    brier=float(brier_score_loss(labels, first, labels=np.arange(CLASSES), scale_by_half=False)),
    reliability=[reliability(bins) for bins in (15, 16, 10, 1)],
    mcnemar=[mcnemar(a, b) for a, b in [(0, 1), (2, 3), (4, 5), (0, 0)]],
    intervals=[interval(*case) for case in [
        (9982, 10000, 0.95), (9982, 10000, 0.99), (0, 10, 0.95), (10, 10, 0.95), (1, 2, 0.5), (137, 1000, 0.9),
        (1, 1, 0.95), (500000, 1000000, 0.999)]],
    agreement=dict(
        disagreement=float(pdist(choices, "hamming").mean()),
        q=float(np.mean(1 - pdist(correctness, "yule"))),
        kappa=float(np.mean([cohen_kappa_score(correctness[a], correctness[b]) for a, b in pairs])),
        doubleFault=float(np.mean([(~correctness[a] & ~correctness[b]).mean() for a, b in pairs])),
        unanimous=float((choices == choices[0]).all(axis=0).mean()),
        allWrong=int((~correctness).all(axis=0).sum()),
        anyCorrect=int(correctness.any(axis=0).sum())),
    special=dict(
        logGamma=[[x, float(special.gammaln(x))] for x in [0.1, 0.5, 1, 1.5, 2, 10, 123.25, 5000.5, 1e6]],
        regularizedBeta=[[x, a, b, float(special.betainc(a, b, x))] for x, a, b in [
            (0.5, 1, 1), (0.01, 0.5, 0.5), (0.9982, 9982, 19), (0.998, 9982, 19), (0.5, 40, 12), (0.3, 200, 400),
            (1e-6, 2, 3), (0.999999, 3, 2), (0.5, 1, 500)]],
        erfc=[[x, float(special.erfc(x))] for x in [-2, -0.3, 0, 1e-8, 0.4, 1.49, 1.51, 3, 6, 12]],
        normalQuantile=[[c, float(stats.norm.ppf((1 + c) / 2))] for c in [0.1, 0.5, 0.9, 0.95, 0.99, 0.999]]),
)
target = pathlib.Path(__file__).parent.parent / "golden" / "scikit-learn-scipy.json"
target.write_text(json.dumps(golden, separators=(",", ":")) + "\n")
print(f"{target.name}: {target.stat().st_size} bytes, {golden['source']}")
