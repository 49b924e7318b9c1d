SELECT seq, hash FROM event WHERE seq = ?1;
