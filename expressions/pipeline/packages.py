"""Which installed packages can change a result, and their versions as the requirements pin them."""

import re
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path

from expressions.errors import InputError
from expressions.pipeline.system.error_messages import explain

DECISIVE = {
    "PIL": ("pillow",),
    "cleanlab": ("cleanlab",),
    "cv2": ("opencv-python-headless",),
    "dvclive": ("dvclive",),  # writes the history that lies beside the model
    "jinja2": ("jinja2", "markupsafe"),
    "joblib": ("joblib", "lz4", "mtcnn"),  # reads the weights that mtcnn brings
    "lz4": ("lz4", "mtcnn"),  # unpacks the weights that mtcnn brings
    "keras": ("h5py", "keras", "tensorflow"),  # h5py writes the weights
    "matplotlib": ("contourpy", "matplotlib", "pillow"),  # Pillow writes the PNGs
    "numpy": ("numpy",),
    "onnx": ("onnx", "protobuf"),
    "onnxruntime": ("onnxruntime",),
    "pandas": ("pandas",),
    "scipy": ("scipy",),
    "sklearn": ("scikit-learn", "scipy"),
    "tensorflow": ("keras", "ml-dtypes", "tensorflow"),
    "tf2onnx": ("protobuf", "tf2onnx"),  # protobuf writes its bytes
}
"""By the name of the import: the packages whose version can change the bytes of an output."""

HARMLESS = {
    "distributed": "does the same work on other machines",
    "grimp": "finds imports, and what it finds stands in the manifests",
    "pandera": "refuses a table or lets it pass as it is",
    "pydantic": "refuses parameters or lets them pass as they are",
    "tqdm": "progress bars",
    "ruamel": "the same text holds the same values",
    "typer": "command lines",
    "yaml": "the same text holds the same values",
}
"""By the name of the import: why no version of it can change the bytes of an output."""

_PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", re.MULTILINE)


def read_pins(requirements: Path) -> dict[str, str]:
    """Read the version of each package that a lock such as `requirements.txt` pins.

    Raises:
        InputError: the file is missing.
    """
    try:
        text = requirements.read_text(encoding="utf-8")
    except OSError as error:
        told = explain(error, f"{requirements} cannot be read")
        raise InputError(f"{told} Run `make lock`.") from None
    return dict(_PIN.findall(text))


def installed_version(package: str, pins: Mapping[str, str]) -> str:
    """Return the version of `package`, which is pinned and installed in the same one.

    Raises:
        InputError: it is not pinned, not installed, or installed in another version.
    """
    if package not in pins:
        raise InputError(f"requirements.txt does not pin {package}. Run `make lock`.")
    try:
        installed = metadata.version(package)
    except metadata.PackageNotFoundError:
        installed = "none"
    if installed != pins[package]:
        raise InputError(
            f"requirements.txt pins {package} {pins[package]}, installed is {installed}. "
            "Run `make setup`."
        )
    return installed
