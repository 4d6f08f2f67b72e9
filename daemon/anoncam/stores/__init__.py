"""Files in stores that URLs name, such as S3 or a server of SFTP; fsspec reaches them."""
