# wharf_example(NAME SOURCES ... [LIBRARIES target ...])
#
# A program of examples/: built into examples/NAME of the build tree, and by the target `examples`.
include_guard(GLOBAL)

add_custom_target(examples)

function(wharf_example name)
    cmake_parse_arguments(PARSE_ARGV 1 example "" "" "SOURCES;LIBRARIES")
    add_executable(${name} ${example_SOURCES})
    wharf_compile_options(${name})
    target_link_libraries(${name} PRIVATE ${example_LIBRARIES})
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/examples")
    add_dependencies(examples ${name})
endfunction()
