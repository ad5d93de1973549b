"""List the pictures whose votes look wrong: `data/audit/`. It reports, and changes nothing."""

from expressions.evaluation.arrays import (
    check_same_pictures,
    number_rows,
    pick_faces,
    read_evaluation_splits,
)
from expressions.evaluation.face_grid import draw_face_grid
from expressions.evaluation.label_issues import Audit, caption_suspects, find_suspects
from expressions.evaluation.predictions import read_predictions
from expressions.labels.emotions import classes
from expressions.labels.tables import Labels
from expressions.pipeline import paths
from expressions.pipeline.outputs import whole_folder, write_csv
from expressions.pipeline.parameters import read_section
from expressions.pipeline.stage import run


def main() -> None:
    """Write the suspicious labels of every split that the model was not trained on."""
    section = read_section(Audit, "audit")
    names = classes(read_section(Labels, "labels").classes)
    predictions = read_predictions(names)
    arrays = read_evaluation_splits()
    check_same_pictures(predictions, arrays)
    suspects = find_suspects(number_rows(predictions), names)
    shown = suspects.head(section.shown)
    faces = pick_faces(shown, arrays)
    with whole_folder(paths.AUDIT) as folder:
        write_csv(folder / "suspects.csv", suspects.drop(columns="row"))
        sheet = folder / "suspects.png"
        draw_face_grid(sheet, faces, caption_suspects(shown), "Labels that look wrong")
    print(f"{len(suspects)} of {len(predictions)} labels look wrong")


if __name__ == "__main__":
    run(main)
