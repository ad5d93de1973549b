"""The editions of the source files that are known by their content."""

# SHA-256 of the unpacked file.
EDITIONS = {
    "8d1531a10f2a7e7077be223d583b1203e1f31930dae1b2b876874be9867fc9e2": (
        "FER-2013 in Kaggle's layout, put back together from lossless copies (35,887 rows)"
    ),
    "9206e20d62f56475939f516847d61753e4860caeac9718b560129541b776fc2c": (
        "FER+ votes as published by microsoft/FERPlus (35,887 rows)"
    ),
}


def describe(sha256: str) -> str:
    """Return what is known of a file with this content, as a line to print."""
    edition = EDITIONS.get(sha256)
    if edition is None:
        return f"warning: unknown edition (sha256 {sha256}); figures may differ from published ones"
    return f"known edition: {edition}"
