# Turns .sql files into C string literals, one line of SQL per literal. Called by embed_sql().
# Also writes a table {name, text} of all of them, so that a test can PREPARE every statement.
set(h "/* made by embed_sql.cmake */\n#ifndef EMBEDDED_${PREFIX}_H\n#define EMBEDDED_${PREFIX}_H\n")
set(c "/* made by embed_sql.cmake */\n#include \"${PREFIX}.h\"\n")
set(table "")
foreach(file IN LISTS INPUTS)
  get_filename_component(stem "${file}" NAME_WE)
  file(READ "${file}" text)
  string(REPLACE "\\" "\\\\" text "${text}")
  string(REPLACE "\"" "\\\"" text "${text}")
  string(REPLACE "\n" "\\n\"\n\t\"" text "${text}")
  string(APPEND h "extern const char ${PREFIX}_${stem}[];\n")
  string(APPEND c "const char ${PREFIX}_${stem}[] =\n\t\"${text}\";\n")
  string(APPEND table "\t{\"${stem}\", ${PREFIX}_${stem}},\n")
endforeach()
string(APPEND h "struct ${PREFIX}_entry {\n\tconst char *name;\n\tconst char *text;\n};\n"
       "extern const struct ${PREFIX}_entry ${PREFIX}_all[];\nextern const unsigned ${PREFIX}_count;\n#endif\n")
string(APPEND c "const struct ${PREFIX}_entry ${PREFIX}_all[] = {\n${table}};\n"
       "const unsigned ${PREFIX}_count = sizeof(${PREFIX}_all) / sizeof(${PREFIX}_all[0]);\n")
file(WRITE "${HEADER}" "${h}")
file(WRITE "${SOURCE}" "${c}")
