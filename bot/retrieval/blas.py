"""Keeping numpy's linear algebra on one thread."""

import ctypes
from pathlib import Path

import numpy as np

SETTERS = ("scipy_openblas_set_num_threads64_", "openblas_set_num_threads")


def one_thread() -> bool:
    """Tell the OpenBLAS that numpy's wheels bring to use one thread; False where there is none.

    The matrices of a sentence are small: several threads spend their time waiting for each other
    in busy loops, which took six times the processor time on a busy machine with two cores
    (measured with numpy 2.4). The environment variable would have to be set before the start.
    """
    libraries = Path(np.__file__).resolve().parent.parent / "numpy.libs"
    for path in sorted(libraries.glob("*openblas*")):
        try:
            library = ctypes.CDLL(str(path))
        except OSError:
            continue
        for name in SETTERS:
            setter = getattr(library, name, None)
            if setter is not None:
                setter.argtypes = [ctypes.c_int]
                setter.restype = None
                setter(1)
                return True
    return False
