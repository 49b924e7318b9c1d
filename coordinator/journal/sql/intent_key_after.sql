SELECT DISTINCT k.intent, i.agent, i.worktree, i.scope
FROM intent_key k JOIN intent i ON i.id = k.intent
WHERE k.key > ?1 AND k.key < ?2
ORDER BY k.key
LIMIT ?3;
