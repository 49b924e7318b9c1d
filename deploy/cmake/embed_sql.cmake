# embed_sql(<target> <prefix> <file.sql>…): makes `<prefix>.h` with one `extern const char <prefix>_<stem>[];` for each
# file and compiles the texts into <target>. SQL is never committed as C.

function(embed_sql target prefix)
  set(header "${CMAKE_CURRENT_BINARY_DIR}/${prefix}.h")
  set(source "${CMAKE_CURRENT_BINARY_DIR}/${prefix}.c")
  set(inputs "")
  foreach(file IN LISTS ARGN)
    list(APPEND inputs "${CMAKE_CURRENT_SOURCE_DIR}/${file}")
  endforeach()
  add_custom_command(
    OUTPUT ${header} ${source}
    COMMAND ${CMAKE_COMMAND} -DPREFIX=${prefix} -DHEADER=${header} -DSOURCE=${source} "-DINPUTS=${inputs}"
            -P ${PROJECT_SOURCE_DIR}/deploy/cmake/embed_sql_run.cmake
    DEPENDS ${inputs} ${PROJECT_SOURCE_DIR}/deploy/cmake/embed_sql_run.cmake
    VERBATIM)
  target_sources(${target} PRIVATE ${header} ${source})
  target_include_directories(${target} PUBLIC ${CMAKE_CURRENT_BINARY_DIR})
endfunction()
