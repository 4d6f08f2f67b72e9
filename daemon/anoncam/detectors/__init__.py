"""What finds faces: models, heads, and the process that runs them."""
