SELECT m.id AS id, $on AS day FROM member m WHERE m.id = $me
