"""How many pictures of a data set have a face."""

import pandas as pd


def face_counts(table: pd.DataFrame) -> dict[str, int]:
    """Count the pictures that were taken as they are, have a face, several, none, or are bad.

    All but `several` add up to the pictures; `table` is `data/faces/<dataset>.csv`.
    """
    actions = table["action"]
    return {
        "unchanged": int((actions == "unchanged").sum()),
        "found": int((actions == "aligned").sum()),
        "several": int((table["faces"] > 1).sum()),
        "none": int(actions.isin(["kept_whole", "no_face"]).sum()),
        "rejected": int((actions == "unreadable").sum()),
    }
