"""What every answer shares, from the outermost layer inwards."""
