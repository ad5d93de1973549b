"""What a label is: the emotions, the splits, FER+'s votes, and the tables that hold them."""
