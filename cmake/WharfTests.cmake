# wharf_test(NAME SOURCES ... [LIBRARIES target ...] [TSAN] [LONG] [TIMEOUT seconds])
#     needs nothing but the process itself
# wharf_pgtest(NAME SOURCES ... [LIBRARIES target ...] [SERVERS name ...] [TSAN] [LONG] [TIMEOUT seconds])
#     needs the PostgreSQL server of the test run; WHARF_TEST_SERVER names the file that describes it. SERVERS: and these
#     others (tests/support/servers/README.md)
# wharf_add_test(NAME COMMAND ... [LONG] [TIMEOUT seconds] [ENVIRONMENT ...] [POSTGRES])
#     any other command
#
# TSAN: has threads, so the tsan tree builds it too (target tsan_tests). LONG: labelled `long`, run by ./test --all.
include_guard(GLOBAL)
include(GoogleTest)

set(WHARF_TEST_PREFIX "" CACHE STRING "In front of every test's name: tells the trees of one run apart")
option(WHARF_THREAD_TESTS_ONLY "Only the tests marked TSAN" OFF)
set(CMAKE_GTEST_DISCOVER_TESTS_DISCOVERY_MODE PRE_TEST)

add_custom_target(tsan_tests)

set(WHARF_TEST_SERVER_FILE "${PROJECT_BINARY_DIR}/test-server")
function(wharf_test_executable name)
    cmake_parse_arguments(PARSE_ARGV 1 test "TSAN;LONG;POSTGRES" "TIMEOUT" "SOURCES;LIBRARIES;SERVERS")
    if(WHARF_THREAD_TESTS_ONLY AND NOT test_TSAN)
        return()
    endif()
    if(test_UNPARSED_ARGUMENTS)
        message(FATAL_ERROR "${name}: what is ${test_UNPARSED_ARGUMENTS}?")
    endif()
    add_executable(${name} ${test_SOURCES} "${PROJECT_SOURCE_DIR}/tests/support/sanitizer_options.cpp")
    wharf_compile_options(${name})
    target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}/src" "${PROJECT_SOURCE_DIR}/tests")
    target_link_libraries(${name} PRIVATE ${test_LIBRARIES} GTest::gmock_main)
    if(test_TSAN)
        add_dependencies(tsan_tests ${name})
    endif()

    if(NOT test_TIMEOUT)
        set(test_TIMEOUT 240)
        if(test_LONG)
            set(test_TIMEOUT 1800)
        endif()
    endif()
    set(properties TIMEOUT ${test_TIMEOUT})
    if(test_LONG)
        list(APPEND properties LABELS long)
    endif()
    if(test_POSTGRES)
        target_link_libraries(${name} PRIVATE wharf_test_support)
        # gtest_discover_tests passes no lists on: so several servers are a fixture with a name of its own.
        list(PREPEND test_SERVERS "${WHARF_TEST_PREFIX}postgres")
        list(JOIN test_SERVERS "+" fixture)
        set_property(GLOBAL APPEND PROPERTY WHARF_SERVER_FIXTURES "${fixture}")
        list(APPEND properties FIXTURES_REQUIRED "${fixture}")
    endif()
    gtest_discover_tests(${name} DISCOVERY_TIMEOUT 120 TEST_PREFIX "${WHARF_TEST_PREFIX}${name}."
        PROPERTIES ${properties} ENVIRONMENT "WHARF_TEST_SERVER=${WHARF_TEST_SERVER_FILE}")
endfunction()

function(wharf_test name)
    wharf_test_executable(${name} ${ARGN})
endfunction()

function(wharf_pgtest name)
    wharf_test_executable(${name} ${ARGN} POSTGRES)
endfunction()

function(wharf_add_test name)
    cmake_parse_arguments(PARSE_ARGV 1 test "LONG;POSTGRES" "TIMEOUT" "COMMAND;ENVIRONMENT")
    if(WHARF_THREAD_TESTS_ONLY)
        return()
    endif()
    set(full_name "${WHARF_TEST_PREFIX}${name}")
    add_test(NAME ${full_name} COMMAND ${test_COMMAND})
    if(NOT test_TIMEOUT)
        set(test_TIMEOUT 240)
    endif()
    set_tests_properties(${full_name} PROPERTIES
        TIMEOUT ${test_TIMEOUT} ENVIRONMENT "WHARF_TEST_SERVER=${WHARF_TEST_SERVER_FILE};${test_ENVIRONMENT}")
    if(test_LONG)
        set_tests_properties(${full_name} PROPERTIES LABELS long)
    endif()
    if(test_POSTGRES)
        set_tests_properties(${full_name} PROPERTIES FIXTURES_REQUIRED "${WHARF_TEST_PREFIX}postgres")
    endif()
endfunction()

# wharf_project_test(NAME SOURCE directory TARGET target [DEFINITIONS ...] [COMMAND ...] [EXPECT regex] [TIMEOUT seconds])
#     configures a project of its own with this tree's compiler and flags, builds the target, runs the command.
#     EXPECT: the build fails, with this in its output.
function(wharf_project_test name)
    cmake_parse_arguments(PARSE_ARGV 1 project "" "SOURCE;TARGET;EXPECT;TIMEOUT" "DEFINITIONS;COMMAND")
    if(NOT project_COMMAND)
        set(project_COMMAND "${CMAKE_COMMAND}" -E true)
    endif()
    if(NOT project_TIMEOUT)
        set(project_TIMEOUT 240)
    endif()
    string(TOUPPER "${CMAKE_BUILD_TYPE}" type)
    # The same flags as here, so that a compiler cache knows the files already.
    wharf_add_test(${name} TIMEOUT ${project_TIMEOUT} COMMAND "${CMAKE_CTEST_COMMAND}"
        --build-and-test "${project_SOURCE}" "${CMAKE_CURRENT_BINARY_DIR}/projects/${name}"
        --build-noclean --build-generator "${CMAKE_GENERATOR}" --build-target "${project_TARGET}"
        --build-options "-DCMAKE_BUILD_TYPE=${CMAKE_BUILD_TYPE}" "-DCMAKE_CXX_COMPILER=${CMAKE_CXX_COMPILER}"
            "-DCMAKE_CXX_FLAGS=${CMAKE_CXX_FLAGS}" "-DCMAKE_CXX_FLAGS_${type}=${CMAKE_CXX_FLAGS_${type}}"
            "-DCMAKE_CXX_COMPILER_LAUNCHER=${CMAKE_CXX_COMPILER_LAUNCHER}" "-DWHARF_DEVELOPER=${WHARF_DEVELOPER}"
            ${project_DEFINITIONS}
        --test-command ${project_COMMAND})
    set_tests_properties(${WHARF_TEST_PREFIX}${name} PROPERTIES PROCESSORS 2)
    if(project_EXPECT)
        set_tests_properties(${WHARF_TEST_PREFIX}${name} PROPERTIES PASS_REGULAR_EXPRESSION "${project_EXPECT}")
    endif()
endfunction()

# wharf_server(NAME SCRIPT [ARGUMENT ...] [BEHIND])
#     a server of the test run: started by the first test that needs it, ended after the last one, or with ctest. Nothing,
#     when no test of this tree needs it. BEHIND: the script is given the file that describes the PostgreSQL of the run.
function(wharf_server name)
    cmake_parse_arguments(PARSE_ARGV 1 server "BEHIND" "" "")
    get_property(fixtures GLOBAL PROPERTY WHARF_SERVER_FIXTURES)
    list(REMOVE_DUPLICATES fixtures)
    set(file "${WHARF_TEST_SERVER_FILE}")
    if(name STREQUAL "postgres")
        list(APPEND fixtures "${WHARF_TEST_PREFIX}postgres")
    else()
        string(APPEND file ".${name}")
        list(FILTER fixtures INCLUDE REGEX "[+]${name}([+]|$)")
    endif()
    if(NOT fixtures)
        return()
    endif()
    if(server_BEHIND)
        list(APPEND server_UNPARSED_ARGUMENTS "${WHARF_TEST_SERVER_FILE}")
    endif()
    set(fixture "${PROJECT_SOURCE_DIR}/tests/support/throwaway_postgres/fixture")
    set(test "${WHARF_TEST_PREFIX}${name}")
    add_test(NAME ${test}.start COMMAND "${fixture}" start "${file}" ${server_UNPARSED_ARGUMENTS})
    add_test(NAME ${test}.stop COMMAND "${fixture}" stop "${file}")
    set_tests_properties(${test}.start PROPERTIES FIXTURES_SETUP "${fixtures}" TIMEOUT 180)
    set_tests_properties(${test}.stop PROPERTIES FIXTURES_CLEANUP "${fixtures}" TIMEOUT 60)
    if(server_BEHIND)
        set_tests_properties(${test}.start ${test}.stop PROPERTIES FIXTURES_REQUIRED "${WHARF_TEST_PREFIX}postgres")
    endif()
endfunction()
