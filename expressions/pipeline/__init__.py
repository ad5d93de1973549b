"""What every stage stands on; the one wing that knows DVC."""
