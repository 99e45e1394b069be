# How every target of ours is compiled.
function(annals_compile_options target)
  target_compile_features(${target} PUBLIC cxx_std_20)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wshadow -Wconversion)
  # GCC 12 sees overlapping copies inside std::string where there are none (GCC bug 105651).
  if(CMAKE_CXX_COMPILER_ID STREQUAL GNU AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    target_compile_options(${target} PRIVATE -Wno-restrict)
  endif()
  if(ANNALS_WERROR)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
  if(ANNALS_SANITIZE)
    target_compile_options(${target} PRIVATE -fsanitize=${ANNALS_SANITIZE} -fno-omit-frame-pointer
                                             -fno-sanitize-recover=all)
    target_link_options(${target} PUBLIC -fsanitize=${ANNALS_SANITIZE})
  endif()
  # The macro is libFuzzer's convention: checksums are not compared, or nothing would get past them.
  if(ANNALS_FUZZ)
    target_compile_options(${target} PRIVATE -fsanitize=fuzzer-no-link)
    target_compile_definitions(${target} PRIVATE FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION)
  endif()
endfunction()

# annals_library(name SOURCES ... DEPS ... PRIVATE_DEPS ...): one static library, annals::name, for
# one group of the source tree. DEPS are linked publicly: each group may use only the groups above
# it (docs/architecture.md), which tests/tools/check_includes.py verifies from the #include lines.
# All of them are installed, as parts of annals::annals; PEGTL is all headers, which nobody needs
# afterwards.
function(annals_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS;PRIVATE_DEPS" ${ARGN})
  list(TRANSFORM ARG_PRIVATE_DEPS REPLACE "^taocpp::pegtl$" "$<BUILD_INTERFACE:taocpp::pegtl>")
  add_library(annals_${name} STATIC ${ARG_SOURCES})
  add_library(annals::${name} ALIAS annals_${name})
  target_include_directories(annals_${name} PUBLIC
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  target_link_libraries(annals_${name} PUBLIC ${ARG_DEPS} PRIVATE ${ARG_PRIVATE_DEPS})
  set_target_properties(annals_${name} PROPERTIES EXPORT_NAME ${name})
  annals_compile_options(annals_${name})
  install(TARGETS annals_${name} EXPORT annalsTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
endfunction()

# annals_subdirectories(a b ...): add_subdirectory for each that has a CMakeLists.txt, in this order.
# The glob makes CMake run again when one appears or goes. Those of annals/ are built in
# annals-library/, since annals is the program.
function(annals_subdirectories)
  foreach(directory IN LISTS ARGN)
    file(GLOB lists CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/${directory}/CMakeLists.txt")
    if(lists)
      string(REGEX REPLACE "^annals$" "annals-library" binary_directory ${directory})
      add_subdirectory(${directory} ${binary_directory})
    endif()
  endforeach()
endfunction()

# annals_test(name SOURCES ... DEPS ...): one Catch2 program, registered with CTest.
function(annals_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE ${ARG_DEPS} Catch2::Catch2WithMain)
  annals_compile_options(${name})
  add_test(NAME ${name} COMMAND ${name})
endfunction()
