# wharf_layer(NAME SOURCES ... [USES layer ...] [LIBRARIES target ...])
#
# Declares the library of one layer, src/NAME, whose public headers are include/wharf/NAME.
# USES names the layers above it that it builds on; LIBRARIES are private to it.
include_guard(GLOBAL)

function(wharf_compile_options target)
    target_compile_features(${target} PUBLIC cxx_std_20)
    set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF)
    if(WHARF_DEVELOPER)
        target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror)
    endif()
endfunction()

function(wharf_layer name)
    cmake_parse_arguments(PARSE_ARGV 1 layer "" "" "SOURCES;USES;LIBRARIES")
    add_library(wharf_${name} ${layer_SOURCES})
    add_library(wharf::${name} ALIAS wharf_${name})
    wharf_compile_options(wharf_${name})
    set_target_properties(wharf_${name} PROPERTIES POSITION_INDEPENDENT_CODE ON)
    target_include_directories(wharf_${name}
        PUBLIC "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>"
        PRIVATE "${PROJECT_SOURCE_DIR}/src")
    foreach(used IN LISTS layer_USES)
        target_link_libraries(wharf_${name} PUBLIC wharf::${used})
    endforeach()
    target_link_libraries(wharf_${name} PRIVATE ${layer_LIBRARIES})
endfunction()
