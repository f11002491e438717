"""What a page takes: fields, their texts, and the way from what was typed to the rules."""
