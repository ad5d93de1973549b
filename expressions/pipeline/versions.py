"""Which installed packages can change a result, and their versions as the requirements pin them."""

import re
from importlib import metadata
from pathlib import Path

from expressions.errors import InputError

DECISIVE = {
    "cleanlab": ("cleanlab",),
    "cv2": ("opencv-python-headless",),
    "dvclive": ("dvclive",),  # writes the history that lies beside the model
    "jinja2": ("jinja2", "markupsafe"),
    "joblib": ("joblib", "lz4", "mtcnn"),  # unpacks the weights that mtcnn brings
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
    "pandera": "refuses a table or lets it pass as it is",
    "pydantic": "refuses parameters or lets them pass as they are",
    "tqdm": "progress bars",
    "typer": "command lines",
    "yaml": "the same text holds the same values",
}
"""By the name of the import: why no version of it can change the bytes of an output."""

_PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", re.MULTILINE)


def pins(requirements: Path) -> dict[str, str]:
    """The version of each package that a lock such as `requirements.txt` pins.

    Raises:
        InputError: the file is missing.
    """
    try:
        text = requirements.read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(f"{requirements} cannot be read: {error}. Run `make lock`.") from None
    return dict(_PIN.findall(text))


def pinned_and_installed(packages: tuple[str, ...], pinned: dict[str, str]) -> dict[str, str]:
    """The versions of `packages`, which are pinned and installed in the same one.

    Raises:
        InputError: a package is not pinned, not installed, or installed in another version.
    """
    versions = {}
    for package in packages:
        if package not in pinned:
            raise InputError(f"requirements.txt does not pin {package}. Run `make lock`.")
        try:
            installed = metadata.version(package)
        except metadata.PackageNotFoundError:
            installed = "none"
        if installed != pinned[package]:
            raise InputError(
                f"requirements.txt pins {package} {pinned[package]}, installed is {installed}. "
                "Run `make setup`."
            )
        versions[package] = installed
    return versions
