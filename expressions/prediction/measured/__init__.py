"""What can be measured on labelled pictures: models of every kind behind one interface."""
