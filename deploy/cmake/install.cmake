# cmake --install BUILD --prefix DIR: the programs, and what confiture prints of itself: manual pages and completions. They are
# printed when they are installed, so that they are never older than the program.
include(GNUInstallDirs)
install(TARGETS confiture confiture-coordinator confiture-worker RUNTIME)

set(pages ${CMAKE_CURRENT_BINARY_DIR}/pages)
install(CODE "
  function(print_page file)
    execute_process(COMMAND \"$<TARGET_FILE:confiture>\" \${ARGN} OUTPUT_FILE \"\${file}\" RESULT_VARIABLE code)
    if(NOT code EQUAL 0)
      message(FATAL_ERROR \"confiture \${ARGN}: exit \${code}\")
    endif()
  endfunction()
  file(REMOVE_RECURSE \"${pages}\")
  file(MAKE_DIRECTORY \"${pages}/man1\")
  print_page(\"${pages}/man.out\" --man \"${pages}/man1\")
  print_page(\"${pages}/confiture\" completion bash)
  print_page(\"${pages}/_confiture\" completion zsh)
  print_page(\"${pages}/confiture.fish\" completion fish)")
install(DIRECTORY ${pages}/man1 DESTINATION ${CMAKE_INSTALL_MANDIR})
install(FILES ${pages}/confiture DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
install(FILES ${pages}/_confiture DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)
install(FILES ${pages}/confiture.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
