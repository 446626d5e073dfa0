# wharf_test(NAME SOURCES ... [LIBRARIES target ...])   needs nothing but the process itself
# wharf_pgtest(NAME SOURCES ... [LIBRARIES target ...]) needs the PostgreSQL server of the test run
include_guard(GLOBAL)
include(GoogleTest)

function(wharf_test_executable name)
    cmake_parse_arguments(PARSE_ARGV 1 test "" "" "SOURCES;LIBRARIES")
    add_executable(${name} ${test_SOURCES})
    wharf_compile_options(${name})
    target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}/src" "${PROJECT_SOURCE_DIR}/tests")
    target_link_libraries(${name} PRIVATE ${test_LIBRARIES} GTest::gmock_main)
endfunction()

function(wharf_test name)
    wharf_test_executable(${name} ${ARGN})
    gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST TEST_PREFIX "${name}." PROPERTIES TIMEOUT 120)
endfunction()

function(wharf_pgtest name)
    wharf_test_executable(${name} ${ARGN})
    target_link_libraries(${name} PRIVATE wharf_test_support)
    gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST TEST_PREFIX "${name}."
        PROPERTIES TIMEOUT 240 FIXTURES_REQUIRED postgres ENVIRONMENT "WHARF_TEST_SERVER=${PROJECT_BINARY_DIR}/test-server")
endfunction()
