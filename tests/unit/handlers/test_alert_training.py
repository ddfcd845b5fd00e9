"""The model of alert posts comes from the frames: whoever trains anew finds the same readings."""

import numpy as np

from bot.handlers.alerts.classifier import Classifier, classifier
from bot.handlers.alerts.reading import signs_in
from tests.training.alerts import posts, trained

SAME = 0.995  # of the readings; the last bits of a fit differ from processor to processor


def test_training_anew_finds_the_same_readings() -> None:
    """The checked-in file is what the frames make of it."""
    rows = list(posts())
    anew = Classifier.of(trained(rows))
    same = [
        max(kept, key=kept.__getitem__) == max(made, key=made.__getitem__)
        for row in rows[::9]
        for signs in [signs_in(row.message)]
        for kept, made in [(classifier().likelihoods(signs), anew.likelihoods(signs))]
    ]
    assert np.mean(same) >= SAME
