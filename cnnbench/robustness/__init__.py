"""How much a trained run loses on corrupted and wrongly prepared test images."""
