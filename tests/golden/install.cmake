# cmake --install into an empty folder: every part is there, not empty, and the installed program answers.
cmake_minimum_required(VERSION 3.25)
file(REMOVE_RECURSE ${OUT})
execute_process(COMMAND ${CMAKE_COMMAND} --install ${BUILD} --prefix ${OUT} OUTPUT_QUIET ERROR_VARIABLE words
                RESULT_VARIABLE code)
if(NOT code EQUAL 0)
  message(FATAL_ERROR "cmake --install: exit ${code}\n${words}")
endif()
foreach(part share/man/man1/confiture.1 share/man/man1/confiture-migrate-up.1
             share/bash-completion/completions/confiture share/zsh/site-functions/_confiture
             share/fish/vendor_completions.d/confiture.fish)
  if(NOT EXISTS ${OUT}/${part})
    message(SEND_ERROR "${part} is not installed")
  else()
    file(SIZE ${OUT}/${part} bytes)
    if(bytes LESS 100)
      message(SEND_ERROR "${part} has ${bytes} bytes")
    endif()
  endif()
endforeach()
execute_process(COMMAND ${OUT}/bin/confiture --version OUTPUT_VARIABLE version RESULT_VARIABLE code)
if(NOT code EQUAL 0 OR NOT version MATCHES "${VERSION}")
  message(SEND_ERROR "bin/confiture --version: exit ${code}, \"${version}\"")
endif()
