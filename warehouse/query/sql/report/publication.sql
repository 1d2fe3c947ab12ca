SELECT version, published_at FROM publication;
